// Search over everything that was ever said.
import "../search/search-results.js";
