import { atlas } from "./atlas";
import { contents } from "./contents";
import { pages } from "./pages";
import { readout } from "./readout";
import { theme } from "./theme";
import { timeline } from "./timeline";

theme(document.documentElement, document.querySelector<HTMLButtonElement>(".theme"));
readout(document.querySelector<HTMLElement>(".readout"));
timeline(document.querySelector<HTMLElement>(".timeline"));
atlas(document.querySelector<HTMLElement>(".filters"), document.querySelector<HTMLTableElement>("table.atlas"));
contents();
pages();
