/** GitHub's colours. The card keeps the text readable where the page and the reader's choice differ. */
export const STYLE = `
svg { font: 12px -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 15px }
.title, .panel { font-weight: 600 }
.quiet, .label { fill: #59636e }
.label { text-anchor: end }
.card { fill: #fff; stroke: #d1d9e0 }
@media (prefers-color-scheme: dark) {
svg { fill: #f0f6fc }
.quiet, .label { fill: #9198a1 }
.card { fill: #0d1117; stroke: #3d444d }
}
`;

/** Of bars. */
export const BAR_STYLE = `
.ours-text { fill: #1f2328; font-weight: 600 }
.ours { fill: #0969da }
.theirs { fill: #afb8c1 }
.limit { fill: none; stroke: #818b98; stroke-dasharray: 3 2 }
.spread { stroke: #1f2328; stroke-width: 1.5; opacity: .55 }
@media (prefers-color-scheme: dark) {
.ours-text { fill: #f0f6fc }
.ours { fill: #4493f8 }
.theirs { fill: #545d68 }
.limit { stroke: #9198a1 }
.spread { stroke: #f0f6fc }
}
`;
