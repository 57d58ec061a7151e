namespace Caravan.Training;

/// <summary>The optimizers by name.</summary>
internal static class OptimizerCatalog
{
    /// <summary>Every optimizer: what makes it for some parameters and a run's seed.</summary>
    public static IReadOnlyDictionary<string, Func<IReadOnlyList<Parameter>, OptimizerOptions, ulong, Optimizer>> All { get; } =
        new Dictionary<string, Func<IReadOnlyList<Parameter>, OptimizerOptions, ulong, Optimizer>>
        {
            ["adamw"] = (parameters, o, _) => new AdamW(parameters, o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon, o.WeightDecay),
            ["adamw8bit"] = (parameters, o, _) => new AdamW(parameters, o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon, o.WeightDecay, o.Block),
            ["sgd"] = (parameters, o, _) => new Sgd(parameters, o.Momentum, o.Nesterov, o.WeightDecay),
            ["adafactor"] = (parameters, o, _) => new Adafactor(parameters, o.ClipThreshold, o.RelativeSteps, o.WeightDecay),
            ["lion"] = (parameters, o, _) => new Lion(parameters, o.Beta1 ?? 0.9, o.Beta2 ?? 0.99, o.WeightDecay),
            ["lomo"] = (_, o, _) => new Lomo(o.ClipValue, o.WeightDecay),
            ["mezo"] = (_, o, seed) => new Mezo(o.Perturbation, o.WeightDecay, seed),
        };

    /// <summary>The optimizer that the options name.</summary>
    /// <param name="parameters">What is learnt.</param>
    /// <param name="options">Its numbers.</param>
    /// <param name="seed">The run's, for those that draw noise.</param>
    /// <exception cref="CaravanException">There is no such optimizer.</exception>
    public static Optimizer Create(IReadOnlyList<Parameter> parameters, OptimizerOptions options, ulong seed = 0)
    {
        if (!All.TryGetValue(options.Name, out Func<IReadOnlyList<Parameter>, OptimizerOptions, ulong, Optimizer>? create))
            throw new CaravanException($"There is no optimizer '{options.Name}'; there are {string.Join(", ", All.Keys)}.{Suggestion.DidYouMean(options.Name, All.Keys)}");
        return create(parameters, options, seed);
    }
}
