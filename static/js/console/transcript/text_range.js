// Creates a range of characters in an element, across its marks.
export function createTextRange(element, start, end) {
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const bounds = [];
  let offset = 0;
  for (let text = nodes.nextNode(); text && bounds.length < 2; text = nodes.nextNode()) {
    const next = offset + text.length;
    if (bounds.length === 0 && start < next) bounds.push([text, start - offset]);
    if (bounds.length === 1 && end <= next) bounds.push([text, end - offset]);
    offset = next;
  }
  const [[startContainer, startOffset], [endContainer, endOffset]] = bounds;
  return new StaticRange({ startContainer, startOffset, endContainer, endOffset });
}
