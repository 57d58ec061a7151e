using System.Text.Json;
using Caravan.Testing;

namespace Caravan.Training.Tests;

public class ScheduleTests
{
    public static TheoryData<string> Names => [.. ScheduleCatalog.All.Keys];

    [FixtureFact]
    public void CosineWithWarmUpIsTheGoldenOne()
    {
        JsonElement golden = Golden.Open("llama_train.json").GetProperty("adamw_clip_cosine");
        Schedule schedule = ScheduleCatalog.Create(new ScheduleOptions { Name = "cosine", Rate = 1e-3, WarmupSteps = 2 }, 5);
        Golden.Equal(golden.Numbers("learning_rates"), [.. Enumerable.Range(0, 5).Select(schedule.Rate)]);
    }

    /// <summary>Rates of a run of 10 steps with 2 of warm-up, from a rate of 1 to one of 0.2, and of a step after it.</summary>
    [Theory]
    [InlineData("constant", new[] { 0, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1 })]
    [InlineData("linear", new[] { 0, 0.5, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2 })]
    [InlineData("polynomial", new[] { 0, 0.5, 1, 0.8125, 0.65, 0.5125, 0.4, 0.3125, 0.25, 0.2125, 0.2 })]
    [InlineData("cosine", new[] { 0, 0.5, 1, 0.96955, 0.88284, 0.75307, 0.6, 0.44693, 0.31716, 0.23045, 0.2 })]
    [InlineData("cosine_with_restarts", new[] { 0, 0.5, 1, 0.88284, 0.6, 0.31716, 1, 0.88284, 0.6, 0.31716, 0.2 })]
    [InlineData("wsd", new[] { 0, 0.5, 1, 1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2 })]
    [InlineData("inverse_sqrt", new[] { 0, 0.5, 1, 0.85320, 0.76569, 0.70596, 0.66188, 0.62762, 0.6, 0.57712, 0.55777 })]
    [InlineData("jagged_cosine", new[] { 0, 0.5, 1, 0.96955, 0.2, 0.47654, 0.6, 0.44693, 0.2, 0.21522, 0.2 })]
    public void RatesAreTheFormulas(string name, double[] expected)
    {
        ScheduleOptions options = new()
        {
            Name = name, Rate = 1, MinimumRate = 0.2, WarmupRatio = 0.15, Cycles = 2, DecayRatio = 0.4, Power = 2, RestartPeriod = 4, RestartWarmupSteps = 2,
        };
        Schedule schedule = ScheduleCatalog.Create(options, 10);
        Assert.Equal(expected, Enumerable.Range(0, 11).Select(schedule.Rate), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryScheduleBeginsFullWithoutWarmUpAndNeverLeavesItsBounds(string name)
    {
        Schedule schedule = ScheduleCatalog.Create(new ScheduleOptions { Name = name, Rate = 3, MinimumRate = 0.5, RestartPeriod = 7, RestartWarmupSteps = 3 }, 40);
        Assert.Equal(3, schedule.Rate(0), 1e-12);
        for (int step = 0; step < 100; step++) Assert.InRange(schedule.Rate(step), 0.5 - 1e-12, 3 + 1e-12);
    }

    [Theory]
    [InlineData(DecayShape.Linear, 0.75, 0.5)]
    [InlineData(DecayShape.Cosine, 0.85355, 0.5)]
    [InlineData(DecayShape.OneMinusRoot, 0.5, 0.29289)]
    internal void AStableRateFallsAsAsked(DecayShape shape, double quarter, double half)
    {
        Schedule schedule = ScheduleCatalog.Create(new ScheduleOptions { Name = "wsd", Rate = 1, DecayRatio = 0.4, Decay = shape }, 10);
        Assert.Equal(1, schedule.Rate(6));
        Assert.Equal(quarter, schedule.Rate(7), 1e-5);
        Assert.Equal(half, schedule.Rate(8), 1e-5);
        Assert.Equal(0, schedule.Rate(10), 1e-12);
    }

    [Fact]
    public void WhatMakesNoSenseIsToldInASentence()
    {
        Assert.Equal(
            "There is no schedule 'cosin'; there are constant, linear, polynomial, cosine, cosine_with_restarts, wsd, inverse_sqrt, jagged_cosine. Did you mean 'cosine'?",
            Complaint(new ScheduleOptions { Name = "cosin" }));
        Assert.Equal("Schedule 'cosine': the minimum rate 2 is not between 0 and the rate 1.", Complaint(new ScheduleOptions { Rate = 1, MinimumRate = 2 }));
        Assert.Equal("Schedule 'cosine': the warm-up ratio 3 is not between 0 and 1.", Complaint(new ScheduleOptions { WarmupRatio = 3 }));

        static string Complaint(ScheduleOptions options) => Assert.Throws<CaravanException>(() => ScheduleCatalog.Create(options, 10)).Message;
    }
}
