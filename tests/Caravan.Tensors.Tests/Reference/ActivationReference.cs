using Caravan.Kernels;

namespace Caravan.Tensors.Tests;

/// <summary>Activation functions and their derivatives as their definitions say, with the error of the forms that kernels use.</summary>
internal static class ActivationReference
{
    private const double QuickSlope = 1.702f;

    private static readonly Real Root = new Real(Math.Sqrt(2 / Math.PI)).Rounded(1);
    private static readonly Real Cubic = new Real(0.044715).Rounded(1);
    private static readonly Real InverseRoot2 = new Real(Math.Sqrt(0.5)).Rounded(1);
    private static readonly Real InverseRootOf2Pi = new Real(1 / Math.Sqrt(2 * Math.PI)).Rounded(1);

    public static Real Value(ActivationFunction function, double x) => function switch
    {
        ActivationFunction.Silu => (Real)x / ((Real)1 + Real.Exp(-x)),
        ActivationFunction.GeluTanh => (Real)0.5 * x * OnePlusTanh(x),
        ActivationFunction.Relu => Math.Max(x, 0),
        ActivationFunction.Gelu => x * Cumulative(x),
        ActivationFunction.QuickGelu => (Real)x / ((Real)1 + Real.Exp((Real)(-QuickSlope) * x)),
        ActivationFunction.ReluSquared => (Real)Math.Max(x, 0) * Math.Max(x, 0),
        ActivationFunction.Sigmoid => Sigmoid(x),
        ActivationFunction.Tanh => Tanh(x),
        ActivationFunction.Softplus => Softplus(x),
        ActivationFunction.Exponential => Real.Exp(x),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, "The test knows no such function."),
    };

    public static Real Derivative(ActivationFunction function, double x)
    {
        switch (function)
        {
            case ActivationFunction.Silu:
                return SiluSlope(x);
            case ActivationFunction.GeluTanh:
                Real half = 0.5, t = OnePlusTanh(x), slope = Root * ((((Real)3 * Cubic).Rounded(1) * x * x) + 1);
                return (half * x * t * ((Real)2 - t) * slope) + (half * t);
            case ActivationFunction.Relu:
                return x > 0 ? 1 : 0;
            case ActivationFunction.Gelu:
                return (x * InverseRootOf2Pi * Real.Exp((Real)(-0.5) * x * x)) + Cumulative(x);
            case ActivationFunction.QuickGelu:
                return SiluSlope((Real)QuickSlope * x);
            case ActivationFunction.ReluSquared:
                return (Real)2 * Math.Max(x, 0);
            case ActivationFunction.Sigmoid:
                return Sigmoid(x) * ((Real)1 - Sigmoid(x));
            case ActivationFunction.Softplus:
                return Sigmoid(x);
            case ActivationFunction.Exponential:
                return Real.Exp(x);
            case ActivationFunction.Tanh:
                return (Real)1 - (Tanh(x) * Tanh(x));
            default:
                throw new ArgumentOutOfRangeException(nameof(function), function, "The test knows no such function.");
        }
    }

    private static Real Sigmoid(Real x) => (Real)1 / ((Real)1 + Real.Exp(-x));

    /// <summary>As kernels do it: the series of the artanh of z = e^(−|x|)/(2 + e^(−|x|)), twice, whose rest after eight terms is below 2⁻²⁹ of it.</summary>
    private static Real Softplus(double x)
    {
        Real power = Real.Exp(-Math.Abs(x)), z = power / ((Real)2 + power), square = z * z, series = 0;
        for (int odd = 15; odd >= 1; odd -= 2) series = (series * square) + new Real(1.0 / odd).Rounded(1);
        Real result = ((z + z) * series) + Math.Max(x, 0);
        return result with { Value = Math.Log(1 + Math.Exp(-Math.Abs(x))) + Math.Max(x, 0), Error = result.Error + (result.Value / (1 << 29)) };
    }

    private static Real SiluSlope(Real x)
    {
        Real sigmoid = Sigmoid(x);
        return sigmoid * ((Real)1 + (x * ((Real)1 - sigmoid)));
    }

    /// <summary>The value from tanh itself, the error from the form that kernels use: 1 − 2 / (1 + exp(2x)).</summary>
    private static Real Tanh(double x) => ((Real)1 - ((Real)2 / ((Real)1 + Real.Exp((Real)2 * x)))) with { Value = Math.Tanh(x) };

    /// <summary>The same for 1 + tanh(u): 2 / (1 + exp(−2u)).</summary>
    private static Real OnePlusTanh(double x)
    {
        Real u = Root * x * ((Cubic * x * x) + 1);
        Real sigmoid = (Real)2 / ((Real)1 + Real.Exp((Real)(-2) * u));
        return sigmoid with { Value = u.Value > -10 ? 1 + Math.Tanh(u.Value) : sigmoid.Value };
    }

    /// <summary>
    /// Φ(x) by its series (Abramowitz and Stegun 1964, 26.2.10 and 26.2.14), and as error that of the kernels' form: 1.2e-7 of erfc by the
    /// approximation, and the roundings of t · exp(−z² + p(t)) and of what follows, where |p| stays below 1.3 and z below 14.
    /// </summary>
    private static Real Cumulative(double x)
    {
        Real z = Math.Abs(x) * InverseRoot2, t = (Real)1 / (((Real)0.5 * z) + 1);
        Real polynomial = new Real(-1.3).Rounded(12), reach = z.Value > 14 ? 14 : z;
        Real power = Real.Exp(polynomial - (reach * reach));
        double tail = UpperTail(Math.Abs(x));
        double relative = 1.2e-7 + (power.Error / Math.Max(power.Value, 1e-300)) + ((t.Error / t.Value) * (1 + (2 * z.Value))) + (4 * Real.Unit);
        double value = x >= 0 ? 1 - tail : tail;
        return new Real(value, Math.Min(tail * relative, 1) + (2 * Real.Unit));
    }

    /// <summary>1 − Φ(x) for x ≥ 0.</summary>
    private static double UpperTail(double x)
    {
        double density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        if (x < 3)
        {
            double term = x, sum = x;
            for (int n = 1; n < 200; n++) sum += term *= x * x / ((2 * n) + 1);
            return 0.5 - (density * sum);
        }

        double fraction = 0;
        for (int n = 200; n > 0; n--) fraction = n / (x + fraction);
        return density / (x + fraction);
    }
}
