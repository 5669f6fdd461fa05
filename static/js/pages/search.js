// Search over all transcripts.
import "../search/search-results.js";
