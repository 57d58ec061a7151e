namespace Caravan.Tensors.Tests;

/// <summary>
/// A number as exact arithmetic has it (in double), and a bound on the error of the same formula evaluated in float, whatever the order of
/// its sums (running error analysis: Higham 2002, "Accuracy and Stability of Numerical Algorithms", §3.3 and §4.2). Tests compare kernels
/// with <see cref="Value"/> and accept <see cref="Error"/>: no tolerance is chosen by hand.
/// </summary>
internal readonly record struct Real(double Value, double Error = 0)
{
    /// <summary>Half a unit in the last place of 1: the relative error of one rounded operation.</summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>The error of a result among the subnormals: half their spacing.</summary>
    private const double Underflow = float.Epsilon / 2.0;

    public static implicit operator Real(double value) => new(value);

    public static Real operator -(Real a) => new(-a.Value, a.Error);

    public static Real operator +(Real a, Real b) => Round(a.Value + b.Value, a.Error + b.Error);

    public static Real operator -(Real a, Real b) => Round(a.Value - b.Value, a.Error + b.Error);

    public static Real operator *(Real a, Real b) =>
        Round(a.Value * b.Value, (Math.Abs(a.Value) * b.Error) + (Math.Abs(b.Value) * a.Error) + (a.Error * b.Error) + Underflow);

    public static Real operator /(Real a, Real b)
    {
        // Where the divisor overflows (exp(−x) in a sigmoid), the quotient in float is 0.
        if (Math.Abs(b.Value) + b.Error > float.MaxValue) return new Real(a.Value / b.Value, Math.Abs(a.Value / b.Value) + Underflow);
        double smallest = Math.Abs(b.Value) - b.Error;
        if (smallest <= 0) throw new ArithmeticException("The divisor may be zero: such a case has no error bound.");
        return Round(a.Value / b.Value, ((a.Error + (Math.Abs(a.Value / b.Value) * b.Error)) / smallest) + Underflow);
    }

    /// <summary>e to this power; the kernels' exponential errs by 1.25 · 2⁻²³ of its result at most (LanesTests), that is two and a half roundings.</summary>
    public static Real Exp(Real x)
    {
        double value = Math.Exp(x.Value);
        return new Real(value, value * Math.Exp(x.Error) * (Math.Exp(x.Error) - 1 + (2.5 * Unit)) + (4 * Underflow));
    }

    /// <summary>The natural logarithm; <see cref="MathF"/>'s is within one unit in the last place.</summary>
    public static Real Log(Real x)
    {
        double value = Math.Log(x.Value), error = -Math.Log(1 - (x.Error / x.Value));
        return new Real(value, error + (2 * Unit * (Math.Abs(value) + error)));
    }

    public static Real Sqrt(Real x)
    {
        double value = Math.Sqrt(x.Value);
        return Round(value, value - Math.Sqrt(Math.Max(0, x.Value - x.Error)));
    }

    /// <summary>The sum of some terms in any order: n − 1 additions at most stand between a term and the result.</summary>
    public static Real Sum(IEnumerable<Real> terms)
    {
        double value = 0, error = 0, magnitude = 0;
        long count = 0;
        foreach (Real term in terms)
        {
            value += term.Value;
            error += term.Error;
            magnitude += Math.Abs(term.Value) + term.Error;
            count++;
        }

        double roundings = Math.Max(0, count - 1) * Unit;
        return new Real(value, error + (roundings / (1 - roundings) * magnitude));
    }

    /// <summary>Σ a(i)·b(i) for i below <paramref name="count"/>.</summary>
    public static Real Dot(long count, Func<long, Real> a, Func<long, Real> b)
    {
        return Sum(Products());

        IEnumerable<Real> Products()
        {
            for (long i = 0; i < count; i++) yield return a(i) * b(i);
        }
    }

    /// <summary>The same value after further roundings that the formula does not show.</summary>
    public Real Rounded(int times) => new(Value, ((Error + Math.Abs(Value)) * Math.Pow(1 + Unit, times)) - Math.Abs(Value));

    private static Real Round(double value, double error) => new(value, error + (Unit * (Math.Abs(value) + error)));
}
