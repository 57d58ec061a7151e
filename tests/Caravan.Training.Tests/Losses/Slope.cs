namespace Caravan.Training.Tests;

/// <summary>
/// Gradients against central differences: with steps h the formula errs by h²/6 of the third derivative and by 2⁻⁵³/h of the value. Losses here are
/// below 100 with third derivatives below 100, so that h = 1e-5 leaves errors below 1e-8, of which ten times are allowed.
/// </summary>
internal static class Slope
{
    private const double Step = 1e-5;

    public static void Check(IReadOnlyList<double> gradient, double[] at, Func<double[], double> loss, double tolerance = 1e-7)
    {
        Assert.Equal(at.Length, gradient.Count);
        for (int i = 0; i < at.Length; i++)
        {
            double[] up = [.. at], down = [.. at];
            up[i] += Step;
            down[i] -= Step;
            Assert.Equal((loss(up) - loss(down)) / (up[i] - down[i]), gradient[i], tolerance);
        }
    }
}
