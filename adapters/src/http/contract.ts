import { authorizationRoutes } from './contract/authorizations.js'
import { directoryRoutes } from './contract/directory.js'
import { logRoutes } from './contract/log.js'
import { receiptRoutes } from './contract/receipts.js'
import { serviceRoutes } from './contract/service.js'

/** The whole interface, once: validation, types, the client and the OpenAPI document come from here. */
export const contract = {
  ...authorizationRoutes,
  ...receiptRoutes,
  ...directoryRoutes,
  ...logRoutes,
  ...serviceRoutes,
} as const

export type Contract = typeof contract
export type RouteName = keyof Contract
