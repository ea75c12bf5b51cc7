// The Worker of the soak: its artefact, after soak-worker-globals.ts. run-soak.ts resolves the name of the artefact.

import './soak-worker-globals.ts'

// @ts-expect-error -- what `lanekeeper build` wrote for this run.
export { default } from 'artefact-of-the-drill'
