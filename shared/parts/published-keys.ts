// Part: keys that an issuer publishes, or that are written in the configuration.

import { createKeyStore } from '../keys/key-store.ts'
import type { Part } from './parts.ts'

export const publishedKeys: Part = { publishedKeys: createKeyStore }
