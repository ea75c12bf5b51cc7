// Part: the receiver of logout tokens (`revocation.logout`).

import { createLogoutReceivers } from '../revocation/backchannel-logout.ts'
import type { Part } from './parts.ts'

export const backchannelLogout: Part = {
  receivers: (config, ports, keys) => createLogoutReceivers(config, ports, keys),
}
