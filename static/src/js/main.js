// Every behaviour of a page. Each binds itself to data attributes and leaves a page without them alone.
import "./theme.js";
import "./relative.js";
import "./menu.js";
import "./picker.js";
import "./copy.js";
import "./drop.js";
import "./busy.js";
import "./says.js";
import "./keys.js";
import "./thread.js";
import "./seen.js";
import "./place.js";
import "./choose.js";
import "./people.js";
import "./composer.js";
import "./empties.js";
import "./live.js";
