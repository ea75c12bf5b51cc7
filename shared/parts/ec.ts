// Part: signatures by EC keys.

import { EC } from '../keys/key-types/ec.ts'
import type { Part } from './parts.ts'

export const ec: Part = { keyTypes: [EC] }
