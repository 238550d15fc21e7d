import { type Api, type ApiTools, newApi } from './describe.ts';
import { type ApiDocument, describe, describeWebhooks } from './document.ts';
import { addEditionStateRoutes } from './edition-states.ts';
import { addEditionRoutes } from './editions.ts';
import { addExportRoute } from './export.ts';
import { addImportRoutes } from './imports.ts';
import { addListRoutes } from './lists.ts';
import { addListChangeRoutes } from './lists-change.ts';
import { addNewsletterRoutes } from './newsletters.ts';
import { addSegmentRoutes } from './segments.ts';
import { addStoryRoutes } from './stories.ts';
import { addSubscriberRoutes } from './subscribers.ts';
import { addSubscriptionRoutes } from './subscriptions.ts';
import { addSuppressionRoutes } from './suppressions.ts';

/** All routes of the API, each with its description. Who may call is asked before them (see api.ts). */
export function addRoutes(api: Api, tools: ApiTools): Api {
  addListRoutes(api, tools);
  addListChangeRoutes(api, tools);
  addExportRoute(api, tools);
  addSubscriberRoutes(api, tools);
  addSubscriptionRoutes(api, tools);
  addSegmentRoutes(api, tools);
  addImportRoutes(api, tools);
  addSuppressionRoutes(api, tools);
  addStoryRoutes(api, tools);
  addNewsletterRoutes(api, tools);
  addEditionRoutes(api, tools);
  addEditionStateRoutes(api, tools);
  describeWebhooks(api);
  return api;
}

/** The description of the API, without a server. @param publicUrl as of a server that clients reach there */
export function describeApi(publicUrl = 'https://news.example.com'): ApiDocument {
  // Nobody calls these routes, so their tools are never looked at.
  return describe(addRoutes(newApi(), {} as ApiTools), publicUrl);
}
