namespace Caravan.Kernels;

internal sealed partial class KernelSet<TLanes>
{
    /// <summary>An activation and its derivative, both written once over the width.</summary>
    private interface IActivation
    {
        static abstract T Value<T>(T x)
            where T : unmanaged, ILanes<T>;

        static abstract T Derivative<T>(T x)
            where T : unmanaged, ILanes<T>;
    }

    private struct Silu : IActivation
    {
        public static T Value<T>(T x)
            where T : unmanaged, ILanes<T> => x / (T.Broadcast(1) + T.Exp(T.Broadcast(0) - x));

        /// <summary>σ(x)·(1 + x·(1 − σ(x))).</summary>
        public static T Derivative<T>(T x)
            where T : unmanaged, ILanes<T>
        {
            T one = T.Broadcast(1);
            T sigmoid = one / (one + T.Exp(T.Broadcast(0) - x));
            return sigmoid * T.MultiplyAdd(x, one - sigmoid, one);
        }
    }

    private struct GeluTanh : IActivation
    {
        private const float Root = 0.7978845608f; // √(2/π)
        private const float Cubic = 0.044715f;

        public static T Value<T>(T x)
            where T : unmanaged, ILanes<T> => x * TwiceSigmoid(x) * T.Broadcast(0.5f);

        /// <summary>With t = tanh(u): (1 + t)/2 + x/2·(1 − t²)·u′, and 1 − t² = (1 + t)·(2 − (1 + t)).</summary>
        public static T Derivative<T>(T x)
            where T : unmanaged, ILanes<T>
        {
            // Beyond ±30 the derivative is 0 or 1 in float; the square of a much larger x would make it 0 · ∞.
            x = T.Max(T.Min(x, T.Broadcast(30)), T.Broadcast(-30));
            T half = T.Broadcast(0.5f), onePlusTanh = TwiceSigmoid(x);
            T slope = T.Broadcast(Root) * T.MultiplyAdd(T.Broadcast(3 * Cubic) * x, x, T.Broadcast(1));
            return T.MultiplyAdd(half * x * onePlusTanh * (T.Broadcast(2) - onePlusTanh), slope, half * onePlusTanh);
        }

        /// <summary>1 + tanh(u) = 2 / (1 + exp(−2u)) with u = √(2/π)·(x + 0.044715·x³).</summary>
        private static T TwiceSigmoid<T>(T x)
            where T : unmanaged, ILanes<T>
        {
            T u = T.Broadcast(Root) * x * T.MultiplyAdd(T.Broadcast(Cubic) * x, x, T.Broadcast(1));
            return T.Broadcast(2) / (T.Broadcast(1) + T.Exp(T.Broadcast(-2) * u));
        }
    }

    private struct Relu : IActivation
    {
        public static T Value<T>(T x)
            where T : unmanaged, ILanes<T> => T.Max(x, T.Broadcast(0));

        /// <summary>1 for positive x, else 0: every positive float, subnormals and infinity included, exceeds 1 when multiplied by 2²⁰⁰.</summary>
        public static T Derivative<T>(T x)
            where T : unmanaged, ILanes<T>
        {
            T factor = T.Broadcast(1.2676506e30f); // 2¹⁰⁰, twice
            return T.Min(T.Max(x, T.Broadcast(0)) * factor * factor, T.Broadcast(1));
        }
    }

    /// <summary>x · Φ(x) with the normal distribution's Φ.</summary>
    private struct Gelu : IActivation
    {
        private const float InverseRoot2 = 0.70710678f, InverseRootOf2Pi = 0.39894228f;

        public static T Value<T>(T x)
            where T : unmanaged, ILanes<T> => x * Cumulative(x);

        /// <summary>Φ(x) + x · φ(x).</summary>
        public static T Derivative<T>(T x)
            where T : unmanaged, ILanes<T> =>
            T.MultiplyAdd(x * T.Broadcast(InverseRootOf2Pi), T.Exp(T.Broadcast(-0.5f) * x * x), Cumulative(x));

        /// <summary>
        /// Φ(x) = erfc(−x/√2)/2. For z ≥ 0, erfc(z) = t · e^(−z² + p(t)) with t = 1/(1 + z/2) and a polynomial of degree 9 whose relative error is
        /// below 1.2e-7 (Press et al., "Numerical Recipes", §6.2).
        /// </summary>
        private static T Cumulative<T>(T x)
            where T : unmanaged, ILanes<T>
        {
            T one = T.Broadcast(1), half = T.Broadcast(0.5f), size = T.Max(x, T.Broadcast(0) - x);
            T z = size * T.Broadcast(InverseRoot2), t = one / T.MultiplyAdd(half, z, one), p = T.Broadcast(0.17087277f);
            p = T.MultiplyAdd(p, t, T.Broadcast(-0.82215223f));
            p = T.MultiplyAdd(p, t, T.Broadcast(1.48851587f));
            p = T.MultiplyAdd(p, t, T.Broadcast(-1.13520398f));
            p = T.MultiplyAdd(p, t, T.Broadcast(0.27886807f));
            p = T.MultiplyAdd(p, t, T.Broadcast(-0.18628806f));
            p = T.MultiplyAdd(p, t, T.Broadcast(0.09678418f));
            p = T.MultiplyAdd(p, t, T.Broadcast(0.37409196f));
            p = T.MultiplyAdd(p, t, T.Broadcast(1.00002368f));
            p = T.MultiplyAdd(p, t, T.Broadcast(-1.26551223f));
            // Beyond 14 it is 0 or 1 in float; the square of a much larger z would be infinite.
            T reach = T.Min(z, T.Broadcast(14)), tail = half * t * T.Exp(p - (reach * reach));
            T sign = x / T.Max(size, T.Broadcast(1e-30f));
            return T.MultiplyAdd(sign, half - tail, half);
        }
    }

    /// <summary>x · σ(1.702 · x).</summary>
    private struct QuickGelu : IActivation
    {
        private const float Slope = 1.702f;

        public static T Value<T>(T x)
            where T : unmanaged, ILanes<T> => x / (T.Broadcast(1) + T.Exp(T.Broadcast(-Slope) * x));

        /// <summary>σ(u)·(1 + u·(1 − σ(u))) with u = 1.702 · x.</summary>
        public static T Derivative<T>(T x)
            where T : unmanaged, ILanes<T> => Silu.Derivative(T.Broadcast(Slope) * x);
    }

    private struct ReluSquared : IActivation
    {
        public static T Value<T>(T x)
            where T : unmanaged, ILanes<T>
        {
            T positive = T.Max(x, T.Broadcast(0));
            return positive * positive;
        }

        /// <summary>2 · max(x, 0).</summary>
        public static T Derivative<T>(T x)
            where T : unmanaged, ILanes<T> => T.Broadcast(2) * T.Max(x, T.Broadcast(0));
    }

    private struct Sigmoid : IActivation
    {
        public static T Value<T>(T x)
            where T : unmanaged, ILanes<T> => T.Broadcast(1) / (T.Broadcast(1) + T.Exp(T.Broadcast(0) - x));

        /// <summary>σ(x) · (1 − σ(x)).</summary>
        public static T Derivative<T>(T x)
            where T : unmanaged, ILanes<T>
        {
            T sigmoid = Value(x);
            return sigmoid * (T.Broadcast(1) - sigmoid);
        }
    }

    private struct Tanh : IActivation
    {
        /// <summary>1 − 2/(1 + e^(2x)).</summary>
        public static T Value<T>(T x)
            where T : unmanaged, ILanes<T> => T.Broadcast(1) - (T.Broadcast(2) / (T.Broadcast(1) + T.Exp(T.Broadcast(2) * x)));

        /// <summary>1 − tanh²(x).</summary>
        public static T Derivative<T>(T x)
            where T : unmanaged, ILanes<T>
        {
            T value = Value(x);
            return T.Broadcast(1) - (value * value);
        }
    }

    private struct Exponential : IActivation
    {
        public static T Value<T>(T x)
            where T : unmanaged, ILanes<T> => T.Exp(x);

        /// <summary>e^x.</summary>
        public static T Derivative<T>(T x)
            where T : unmanaged, ILanes<T> => T.Exp(x);
    }

    private struct Softplus : IActivation
    {
        /// <summary>
        /// max(x, 0) + log(1 + e^(−|x|)). With z = e/(2 + e) ≤ 1/3, log(1 + e) = 2·artanh(z) = 2z·(1 + z²/3 + z⁴/5 + …), whose terms after the eighth
        /// are below 2⁻²⁹ of it.
        /// </summary>
        public static T Value<T>(T x)
            where T : unmanaged, ILanes<T>
        {
            T zero = T.Broadcast(0), power = T.Exp(T.Min(x, zero - x)), z = power / (T.Broadcast(2) + power), square = z * z;
            T series = T.Broadcast(1f / 15);
            series = T.MultiplyAdd(series, square, T.Broadcast(1f / 13));
            series = T.MultiplyAdd(series, square, T.Broadcast(1f / 11));
            series = T.MultiplyAdd(series, square, T.Broadcast(1f / 9));
            series = T.MultiplyAdd(series, square, T.Broadcast(1f / 7));
            series = T.MultiplyAdd(series, square, T.Broadcast(1f / 5));
            series = T.MultiplyAdd(series, square, T.Broadcast(1f / 3));
            series = T.MultiplyAdd(series, square, T.Broadcast(1));
            return T.MultiplyAdd(z + z, series, T.Max(x, zero));
        }

        /// <summary>1 / (1 + e^(−x)).</summary>
        public static T Derivative<T>(T x)
            where T : unmanaged, ILanes<T> => Sigmoid.Value(x);
    }
}
