// Part: key sets behind a secret reference (`keys.jwksSecret`).

import { createStoredKeys } from '../keys/stored-keys.ts'
import type { Part } from './parts.ts'

export const storedKeys: Part = { storedKeys: createStoredKeys }
