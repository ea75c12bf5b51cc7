// Part: keys that `lanekeeper build` has put into the plan (`keys.bundled`).

import { withBundledKeys } from '../keys/bundled-key-store.ts'
import type { Part } from './parts.ts'

export const bundledKeys: Part = { bundledKeys: withBundledKeys }
