// Some characters of an element as a range, whatever marks its text is cut into.
export function textRange(element, start, end) {
  const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const bounds = [];
  let told = 0;
  for (let text = texts.nextNode(); text && bounds.length < 2; text = texts.nextNode()) {
    const next = told + text.length;
    if (bounds.length === 0 && start < next) bounds.push([text, start - told]);
    if (bounds.length === 1 && end <= next) bounds.push([text, end - told]);
    told = next;
  }
  const [[startContainer, startOffset], [endContainer, endOffset]] = bounds;
  return new StaticRange({ startContainer, startOffset, endContainer, endOffset });
}
