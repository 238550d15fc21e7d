import type { ApiTools } from './describe.ts';
import { type Api, newApi } from './describe.ts';
import { describeWebhooks } from './document.ts';
import { addEditionStateRoutes } from './edition-states.ts';
import { addEditionRoutes } from './editions.ts';
import { addListRoutes } from './lists.ts';
import { addStoryRoutes } from './stories.ts';
import { addSubscriberRoutes } from './subscribers.ts';
import { addSubscriptionRoutes } from './subscriptions.ts';
import { addSuppressionRoutes } from './suppressions.ts';

/** All routes of the API, each with its description. Who may call is asked before them (see api.ts). */
export function addRoutes(api: Api, tools: ApiTools): Api {
  addListRoutes(api, tools);
  addSubscriberRoutes(api, tools);
  addSubscriptionRoutes(api, tools);
  addSuppressionRoutes(api, tools);
  addStoryRoutes(api, tools);
  addEditionRoutes(api, tools);
  addEditionStateRoutes(api, tools);
  describeWebhooks(api);
  return api;
}

/** The API's routes, for describing them alone. */
export const routesOf = (tools: ApiTools): Api => addRoutes(newApi(), tools);
