"""Chinese is what the code says: most words are in no catalogue, and looking for them in vain takes long.

Django looks a word up in the catalogues of all applications, one after another, each time it is shown: six
microseconds for a word that is in none, and three hundred of them on a page. Here each is looked up once.
"""

from django.conf import settings
from django.utils.translation import trans_real

MOST = 20_000  # words; more than there are in the code


def remember():
    """Keep what the catalogues of the site's own language say of each word."""
    translation = trans_real.translation(settings.LANGUAGE_CODE)
    look_up, known = translation.gettext, {}

    def gettext(message):
        said = known.get(message)
        if said is None:
            said = look_up(message)
            if len(known) < MOST:
                known[message] = said
        return said

    translation.gettext = gettext
