namespace Caravan.Training;

/// <summary>The schedules by name.</summary>
internal static class ScheduleCatalog
{
    /// <summary>Every schedule: what makes it from its options and the steps of the run.</summary>
    public static IReadOnlyDictionary<string, Func<ScheduleOptions, int, Schedule>> All { get; } = new Dictionary<string, Func<ScheduleOptions, int, Schedule>>
    {
        ["constant"] = (options, steps) => new ConstantSchedule(options, steps),
        ["linear"] = (options, steps) => new PolynomialSchedule(options with { Power = 1 }, steps),
        ["polynomial"] = (options, steps) => new PolynomialSchedule(options, steps),
        ["cosine"] = (options, steps) => new CosineSchedule(options with { Cycles = 1 }, steps),
        ["cosine_with_restarts"] = (options, steps) => new CosineSchedule(options, steps),
        ["wsd"] = (options, steps) => new StableDecaySchedule(options, steps),
        ["inverse_sqrt"] = (options, steps) => new InverseRootSchedule(options, steps),
        ["jagged_cosine"] = (options, steps) => new JaggedCosineSchedule(options, steps),
    };

    /// <summary>The schedule that the options name.</summary>
    /// <param name="options">The rates.</param>
    /// <param name="steps">Steps of the run, at least 1.</param>
    /// <exception cref="CaravanException">There is no such schedule, or a number makes no sense.</exception>
    public static Schedule Create(ScheduleOptions options, int steps)
    {
        if (!All.TryGetValue(options.Name, out Func<ScheduleOptions, int, Schedule>? create))
            throw new CaravanException($"There is no schedule '{options.Name}'; there are {string.Join(", ", All.Keys)}.{Suggestion.DidYouMean(options.Name, All.Keys)}");
        Require(steps >= 1, $"a run of {steps} steps has no schedule");
        Require(options.Rate >= 0 && double.IsFinite(options.Rate), $"the rate {options.Rate} is no positive number");
        Require(options.MinimumRate >= 0 && options.MinimumRate <= options.Rate, $"the minimum rate {options.MinimumRate} is not between 0 and the rate {options.Rate}");
        Require(options.WarmupSteps is null or >= 0, $"there cannot be {options.WarmupSteps} warm-up steps");
        Require(options.WarmupRatio is >= 0 and <= 1, $"the warm-up ratio {options.WarmupRatio} is not between 0 and 1");
        Require(options.DecayRatio is >= 0 and <= 1, $"the decay ratio {options.DecayRatio} is not between 0 and 1");
        Require(options.Cycles >= 1, $"{options.Cycles} cycles are not at least 1");
        Require(options.Power > 0, $"the power {options.Power} is not above 0");
        Require(options.RestartPeriod >= 1, $"the restart period {options.RestartPeriod} is not at least 1");
        Require(
            options.RestartWarmupSteps >= 0 && options.RestartWarmupSteps <= options.RestartPeriod,
            $"{options.RestartWarmupSteps} warm-up steps do not fit a restart period of {options.RestartPeriod}");
        return create(options, steps);

        void Require(bool holds, string complaint)
        {
            if (!holds) throw new CaravanException($"Schedule '{options.Name}': {complaint}.");
        }
    }
}
