// The meaning of every setting, by its path: the reference table of docs/configuration.md.

import { conditionMeanings } from './conditions.ts'
import type { LanekeeperConfig } from './config.ts'
import { EDGE_MEANINGS } from './edges/meanings.ts'
import { identityMeanings } from './identity.ts'
import { issuerMeanings } from './issuers/issuer.ts'
import { keySourceMeanings } from './issuers/key-source.ts'
import { methodMeanings } from './issuers/methods.ts'
import { userinfoMeanings } from './issuers/userinfo.ts'
import { limitMeanings } from './limits.ts'
import { logMeanings } from './log.ts'
import { below, type Rows } from './meaning.ts'
import { protectedMeanings } from './protected-settings.ts'
import { publicUrlsMeanings } from './public-urls.ts'
import { realmMeanings } from './realm.ts'
import { reportOnlyMeanings } from './report-only.ts'
import { resourceMeanings } from './resources.ts'
import { adminMeanings } from './revocation/admin.ts'
import { dynamoDbMeanings } from './revocation/dynamodb.ts'
import { logoutMeanings } from './revocation/logout.ts'
import { revocationMeanings } from './revocation/revocation.ts'
import { issuerSenderMeanings } from './sender/constraint.ts'
import { dpopMeanings, dpopNonceMeanings, dpopReplayMeanings } from './sender/dpop.ts'
import { mtlsGuardMeanings, mtlsHeaderMeanings, mtlsMeanings } from './sender/mtls.ts'
import { routeMeanings } from './routes.ts'
import { REPLACED } from './stages.ts'

const SECTIONS = {
  issuers: {
    ...below('issuers.NAME', issuerMeanings()),
    ...below('issuers.NAME', issuerSenderMeanings()),
    ...below('issuers.NAME.keys', keySourceMeanings()),
    ...methodMeanings(),
    ...below('issuers.NAME.userinfo', userinfoMeanings()),
  },
  routes: {
    ...below('routes[]', routeMeanings()),
    ...below('routes[]', protectedMeanings()),
    ...below('routes[]', conditionMeanings()),
  },
  resources: below('resources[]', resourceMeanings()),
  identity: below('identity', identityMeanings()),
  ...EDGE_MEANINGS,
  revocation: {
    ...below('revocation', revocationMeanings()),
    ...below('revocation.dynamodb', dynamoDbMeanings()),
    ...below('revocation.logout', logoutMeanings()),
    ...below('revocation.admin', adminMeanings()),
  },
  dpop: {
    ...below('dpop', dpopMeanings()),
    ...below('dpop.nonce', dpopNonceMeanings()),
    ...below('dpop.replay', dpopReplayMeanings()),
  },
  mtls: {
    ...below('mtls', mtlsMeanings()),
    ...below('mtls.header', mtlsHeaderMeanings()),
    ...below('mtls.header.guard', mtlsGuardMeanings()),
  },
  publicUrls: publicUrlsMeanings(),
  realm: realmMeanings(),
  reportOnly: reportOnlyMeanings(),
  log: below('log', logMeanings()),
  limits: below('limits', limitMeanings()),
  stages: {
    'stages.NAME': {
      absent: '`{}`',
      meaning: `overrides of \`issuers\` (member by member), ${REPLACED.map((name) => `\`${name}\``).join(', ')} (whole)`,
    },
  },
} as const satisfies Readonly<Record<keyof LanekeeperConfig, Rows>>

export const SETTING_MEANINGS: Rows = Object.assign({}, ...Object.values(SECTIONS))
