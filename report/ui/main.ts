import { contents } from "./contents";
import { readout } from "./readout";
import { theme } from "./theme";
import { timeline } from "./timeline";

theme(document.documentElement, document.querySelector<HTMLButtonElement>(".theme"));
readout(document.querySelector<HTMLElement>(".readout"));
timeline(document.querySelector<HTMLElement>(".timeline"));
contents();
