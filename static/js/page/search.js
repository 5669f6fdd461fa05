// Search over everything that was ever said.
import "../elements/search-results.js";
