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
    /// <exception cref="CaravanException">There is no such schedule, or its numbers contradict each other.</exception>
    public static Schedule Create(ScheduleOptions options, int steps)
    {
        if (!All.TryGetValue(options.Name, out Func<ScheduleOptions, int, Schedule>? create))
            throw new CaravanException($"There is no schedule '{options.Name}'; there are {string.Join(", ", All.Keys)}.{Suggestion.DidYouMean(options.Name, All.Keys)}");
        if (options.MinimumRate > options.Rate)
            throw new CaravanException($"The schedule's minimum rate {options.MinimumRate} is above its rate {options.Rate}.");
        if (options.RestartWarmupSteps > options.RestartPeriod)
            throw new CaravanException($"{options.RestartWarmupSteps} steps of warm-up after a restart do not fit a restart period of {options.RestartPeriod}.");
        return create(options, steps);
    }
}
