import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  METRICS,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricDefinition,
  type MetricName,
} from './metric-catalog.js';

/** prom-client's defaults that promtool refuses: gauges named `_total`. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly total: () => number;
}

/** The metrics of one process: each of the catalog registered once, plus those of Node. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();
  /** Counters that are kept elsewhere, by name. */
  readonly #readings = new Map<CounterName, Reading[]>();

  constructor(names: readonly MetricName[], options: { readonly defaults: boolean } = { defaults: true }) {
    if (options.defaults) {
      collectDefaultMetrics({ register: this.#registry });
      for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
    }
    for (const name of names) this.#register(name, METRICS[name]);
  }

  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.#counters.get(name)?.inc(labels, by);
  }

  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    this.#gauges.get(name)?.set(labels, value);
  }

  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    this.#histograms.get(name)?.observe(labels, value);
  }

  /**
   * A counter that somebody else keeps: `total` is asked at each scrape, and must never fall. Once for each set of
   * labels; such a counter is not counted by `count` as well.
   */
  read<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, total: () => number): void {
    const readings = this.#readings.get(name) ?? [];
    this.#readings.set(name, [...readings, { labels, total }]);
  }

  /** The Prometheus text format, with its content type. */
  async expose(): Promise<{ readonly contentType: string; readonly body: string }> {
    for (const [name, readings] of this.#readings) this.#refresh(name, readings);
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  #refresh(name: CounterName, readings: readonly Reading[]): void {
    const counter = this.#counters.get(name);
    counter?.reset();
    for (const { labels, total } of readings) counter?.inc(labels, total());
  }

  #register(name: MetricName, definition: MetricDefinition): void {
    const common = {
      name,
      help: definition.help,
      labelNames: [...definition.labels],
      registers: [this.#registry],
    };
    switch (definition.type) {
      case 'counter':
        this.#counters.set(name, new Counter(common));
        break;
      case 'gauge':
        this.#gauges.set(name, new Gauge(common));
        break;
      case 'histogram':
        this.#histograms.set(name, new Histogram({ ...common, buckets: [...(definition.buckets ?? [])] }));
        break;
    }
  }
}
