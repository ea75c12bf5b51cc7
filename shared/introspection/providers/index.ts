// The providers with their own check, by their names in the configuration.

import { FACEBOOK } from './facebook.ts'
import { GITHUB } from './github.ts'
import { GITLAB } from './gitlab.ts'
import { GOOGLE } from './google.ts'
import type { Provider } from './facts.ts'
import type { ProviderCheck } from './row.ts'

export const PROVIDER_CHECKS: Readonly<Record<Provider, ProviderCheck>> = {
  github: GITHUB,
  google: GOOGLE,
  facebook: FACEBOOK,
  gitlab: GITLAB,
}
