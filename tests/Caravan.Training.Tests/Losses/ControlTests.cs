namespace Caravan.Training.Tests;

/// <summary>What steers reinforcement learning from outside of its losses.</summary>
public class ControlTests
{
    [Fact]
    public void ThePriceOfDivergenceFollowsTheTarget()
    {
        AdaptiveKlController controller = new(0.2, target: 6);
        controller.Update(6.6);
        Assert.Equal(0.2 * 1.01, controller.Coefficient, 1e-12);
        controller.Update(600);
        Assert.Equal(0.2 * 1.01 * 1.02, controller.Coefficient, 1e-12);
        controller.Update(0);
        Assert.Equal(0.2 * 1.01 * 1.02 * 0.98, controller.Coefficient, 1e-12);
        AdaptiveKlController constant = new(0.2);
        constant.Update(600);
        Assert.Equal(0.2, constant.Coefficient);
    }

    [Fact]
    public void TheMultiplierRisesWithCostsFallsWithoutAndStaysPositive()
    {
        LagrangeMultiplier multiplier = new(initial: 2, rate: 0.1, threshold: 0.5, limit: 3);
        multiplier.Update(0.5);
        Assert.Equal(2 * Math.Exp(0.2), multiplier.Value, 1e-12);
        Assert.Equal((1 - (multiplier.Value * 0.25)) / (1 + multiplier.Value), multiplier.Combine(1, 0.25), 1e-12);
        multiplier.Update(100);
        Assert.Equal(3, multiplier.Value);
        for (int i = 0; i < 100; i++) multiplier.Update(-2);
        Assert.InRange(multiplier.Value, 1e-9, 0.2);
    }

    [Fact]
    public void ScoresAreNormalizedByAllThatCameBefore()
    {
        ScoreNormalization normalization = new(limit: 1);
        double[] first = [1, 3], second = [5, 4];
        normalization.Apply(first);
        normalization.Apply(second);
        Assert.Equal(3.25, normalization.Mean, 1e-12);
        double deviation = Math.Sqrt((new[] { 1, 3, 5, 4.0 }.Sum(score => (score - 3.25) * (score - 3.25)) / 3) + 1e-8);
        Assert.Equal([1, 0.75 / deviation], second, Near);
        Assert.Equal([-1 / Math.Sqrt(2), 1 / Math.Sqrt(2)], first, Near);
        // What is kept resumes it.
        ScoreNormalization resumed = new(1) { Count = normalization.Count, Mean = normalization.Mean, SquaredDistances = normalization.SquaredDistances };
        double[] third = [2, 9], again = [2, 9];
        normalization.Apply(third);
        resumed.Apply(again);
        Assert.Equal(third, again);
    }

    private static bool Near(double a, double b) => Math.Abs(a - b) < 1e-7;
}
