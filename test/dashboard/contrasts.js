/*
 * Runs in the page: which texts are too faint. Source: WCAG 2.2, relative luminance and contrast ratio.
 */

/** @param {number} least */
// oxlint-disable-next-line no-unused-vars -- the test calls it in the page
function faintTexts(least) {
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const { parentElement } = node;
    if (!parentElement || !node.textContent.trim() || !parentElement.checkVisibility()) continue;
    if (parentElement.closest('title, .unseen, noscript')) continue;
    const style = getComputedStyle(parentElement);
    const text = parentElement instanceof SVGElement ? style.fill : style.color;
    const ratio = contrast(luminance(text), luminance(behind(parentElement)));
    if (ratio < least) faint.push(`${node.textContent.trim()}: ${ratio.toFixed(2)}`);
  }
  return faint;
}

/** @param {Element} element */
function behind(element) {
  const box = element.closest('g')?.querySelector('.box');
  if (box) return getComputedStyle(box).fill;
  for (let each = element; each; each = each.parentElement) {
    const { backgroundColor } = getComputedStyle(each);
    if (!/, 0\)$|transparent/.test(backgroundColor)) return backgroundColor;
  }
  return 'rgb(255, 255, 255)';
}

/** @param {string} colour as computed styles have it */
function luminance(colour) {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((text) => {
    const value = Number(text) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {number} one @param {number} other */
function contrast(one, other) {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
