// The providers that have a check of their own, by the name the configuration gives them.

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
