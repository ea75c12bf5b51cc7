// The sentences of docs/configuration.md about the sections of edges.

import { below, type Rows } from '../meaning.ts'
import { assertionMeanings } from './assertion.ts'
import { cachesMeanings } from './aws-caches.ts'
import { awsMeanings } from './aws.ts'
import { corsMeanings } from './cors.ts'
import { diagnosticsMeanings } from './diagnostics.ts'
import type { EdgeConfig } from './index.ts'
import { originMeanings } from './origin.ts'
import { serverTimingMeanings } from './server-timing.ts'

export const EDGE_MEANINGS = {
  origin: { ...below('origin', originMeanings()), ...below('origin.assertion', assertionMeanings()) },
  cors: below('cors', corsMeanings()),
  serverTiming: serverTimingMeanings(),
  diagnostics: below('diagnostics', diagnosticsMeanings()),
  aws: { ...below('aws', awsMeanings()), ...below('aws', cachesMeanings()) },
} as const satisfies Readonly<Record<keyof EdgeConfig, Rows>>
