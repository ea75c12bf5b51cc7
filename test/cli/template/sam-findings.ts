// The findings about a SAM template that the source and the translator's output must share.

import type { LanekeeperConfig } from '../../../shared/index.ts'
import { CONFIG } from './check-file.ts'

export const SAM_CONFIG = {
  ...CONFIG,
  routes: [
    { path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } },
    { path: '/orders/{id}', methods: ['GET'], scope: { allOf: ['orders:read'] } },
    { path: '/health', methods: ['GET'], public: true },
  ],
  aws: { resultTtlSeconds: 60, httpApiResponse: 'policy' },
} satisfies LanekeeperConfig

/** In one order, and without the place in the template, which SAM names in its own way for a body that it has merged. */
export const withoutPlaces = (findings: readonly string[]): readonly string[] =>
  findings
    .map((text) =>
      text
        .replace(/ \([A-Z][^()]*\)$/, '')
        .split(/, |; /)
        .sort()
        .join(', '),
    )
    .sort()
