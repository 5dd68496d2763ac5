"""QR codes: addresses that a phone reads off paper."""

import segno


def code_of(address):
    """The QR code of an address; of medium correction, so that a crease or a stain does no harm."""
    return segno.make(address, error="m", micro=False)


def svg_of(address, *, name="qr"):
    """The code as SVG to stand in a page, black on white with the border that readers need.

    It is made of squares alone; styles may size it by the class ``name``.
    """
    drawn = code_of(address).svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass=name, lineclass=None
    )
    return drawn.replace("<svg ", '<svg width="160" height="160" ', 1)
