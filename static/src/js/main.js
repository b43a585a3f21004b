// Every behaviour of a page. Each binds itself to data attributes and leaves a page without them alone.
import "./theme.js";
import "./relative.js";
import "./menu.js";
import "./copy.js";
import "./says.js";
import "./keys.js";
import "./thread.js";
import "./seen.js";
import "./place.js";
import "./composer.js";
import "./live.js";
