namespace Caravan.Training;

/// <summary>The optimizers by name.</summary>
internal static class OptimizerCatalog
{
    /// <summary>Every optimizer: what makes it for some parameters.</summary>
    public static IReadOnlyDictionary<string, Func<IReadOnlyList<Parameter>, OptimizerOptions, Optimizer>> All { get; } =
        new Dictionary<string, Func<IReadOnlyList<Parameter>, OptimizerOptions, Optimizer>>
        {
            ["adamw"] = (parameters, o) => new AdamW(parameters, o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon, o.WeightDecay),
            ["adamw8bit"] = (parameters, o) => new AdamW(parameters, o.Beta1 ?? 0.9, o.Beta2 ?? 0.999, o.Epsilon, o.WeightDecay, o.Block),
            ["sgd"] = (parameters, o) => new Sgd(parameters, o.Momentum, o.Nesterov, o.WeightDecay),
            ["adafactor"] = (parameters, o) => new Adafactor(parameters, o.ClipThreshold, o.RelativeSteps, o.WeightDecay),
            ["lion"] = (parameters, o) => new Lion(parameters, o.Beta1 ?? 0.9, o.Beta2 ?? 0.99, o.WeightDecay),
            ["lomo"] = (_, o) => new Lomo(o.ClipValue, o.WeightDecay),
            ["mezo"] = (_, o) => new Mezo(o.Perturbation, o.WeightDecay, o.Seed),
        };

    /// <summary>The optimizer that the options name.</summary>
    /// <param name="parameters">What is learnt.</param>
    /// <param name="options">Its numbers.</param>
    /// <exception cref="CaravanException">There is no such optimizer, or a number makes no sense.</exception>
    public static Optimizer Create(IReadOnlyList<Parameter> parameters, OptimizerOptions options)
    {
        if (!All.TryGetValue(options.Name, out Func<IReadOnlyList<Parameter>, OptimizerOptions, Optimizer>? create))
            throw new CaravanException($"There is no optimizer '{options.Name}'; there are {string.Join(", ", All.Keys)}.{Suggestion.DidYouMean(options.Name, All.Keys)}");
        Require(options.Beta1 is null or (>= 0 and < 1), $"beta1 {options.Beta1} is not in [0, 1)");
        Require(options.Beta2 is null or (>= 0 and < 1), $"beta2 {options.Beta2} is not in [0, 1)");
        Require(options.Momentum is >= 0 and < 1, $"the momentum {options.Momentum} is not in [0, 1)");
        Require(options.Epsilon > 0, $"epsilon {options.Epsilon} is not above 0");
        Require(options.WeightDecay >= 0, $"the weight decay {options.WeightDecay} is below 0");
        Require(options.Block >= 16, $"a block of {options.Block} elements is smaller than 16");
        Require(options.ClipThreshold > 0, $"the clip threshold {options.ClipThreshold} is not above 0");
        Require(options.ClipValue > 0, $"the clip value {options.ClipValue} is not above 0");
        Require(options.Perturbation > 0, $"the perturbation {options.Perturbation} is not above 0");
        return create(parameters, options);

        void Require(bool holds, string complaint)
        {
            if (!holds) throw new CaravanException($"Optimizer '{options.Name}': {complaint}.");
        }
    }
}
