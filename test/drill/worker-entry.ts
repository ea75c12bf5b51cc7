// The Worker in the drill: its artefact, after worker-globals.ts. edges.ts resolves the name of the artefact.

import './worker-globals.ts'

// @ts-expect-error -- what `lanekeeper build` wrote for this run.
export { default } from 'artefact-of-the-drill'
