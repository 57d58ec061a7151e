namespace Caravan.Training;

/// <summary>The logistic function, without overflow at either end.</summary>
internal static class Logistic
{
    /// <summary>σ(z) = 1 / (1 + e^−z).</summary>
    public static double Sigmoid(double z)
    {
        double e = Math.Exp(-Math.Abs(z));
        return z >= 0 ? 1 / (1 + e) : e / (1 + e);
    }

    /// <summary>−log σ(z), the logistic loss; its slope is −σ(−z).</summary>
    public static double Loss(double z) => Math.Max(0, -z) + Math.Log(1 + Math.Exp(-Math.Abs(z)));
}
