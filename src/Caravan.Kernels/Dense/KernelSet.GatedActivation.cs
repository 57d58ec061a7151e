namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>y = f(gate) · up, element by element (Shazeer 2020, "GLU Variants Improve Transformer", eq. 6).</summary>
    public abstract void GatedActivation(ActivationFunction function, NativeSpan<float> gate, NativeSpan<float> up, NativeSpan<float> y);

    /// <summary>gradientGate += gradientY·up·f′(gate) and gradientUp += gradientY·f(gate); either may be empty.</summary>
    public abstract void GatedActivationBackward(
        ActivationFunction function, NativeSpan<float> gate, NativeSpan<float> up, NativeSpan<float> gradientY,
        NativeSpan<float> gradientGate, NativeSpan<float> gradientUp);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void GatedActivation(ActivationFunction function, NativeSpan<float> gate, NativeSpan<float> up, NativeSpan<float> y)
    {
        switch (function)
        {
            case ActivationFunction.Silu: Gated<Silu>(gate, up, y); break;
            case ActivationFunction.GeluTanh: Gated<GeluTanh>(gate, up, y); break;
            default: Gated<Relu>(gate, up, y); break;
        }
    }

    public override void GatedActivationBackward(
        ActivationFunction function, NativeSpan<float> gate, NativeSpan<float> up, NativeSpan<float> gradientY,
        NativeSpan<float> gradientGate, NativeSpan<float> gradientUp)
    {
        switch (function)
        {
            case ActivationFunction.Silu: GatedBackward<Silu>(gate, up, gradientY, gradientGate, gradientUp); break;
            case ActivationFunction.GeluTanh: GatedBackward<GeluTanh>(gate, up, gradientY, gradientGate, gradientUp); break;
            default: GatedBackward<Relu>(gate, up, gradientY, gradientGate, gradientUp); break;
        }
    }

    private void Gated<TFunction>(NativeSpan<float> gate, NativeSpan<float> up, NativeSpan<float> y)
        where TFunction : unmanaged, IActivation =>
        Workers.For(y.Length, ElementsPerPiece / 4, new MapJob<Gate<TFunction>> { A = gate.Pointer, B = up.Pointer, Y = y.Pointer });

    private void GatedBackward<TFunction>(
        NativeSpan<float> gate, NativeSpan<float> up, NativeSpan<float> gradientY, NativeSpan<float> gradientGate, NativeSpan<float> gradientUp)
        where TFunction : unmanaged, IActivation
    {
        GateBackwardJob<TFunction> job = new()
        {
            Gate = gate.Pointer, Up = up.Pointer, GradientY = gradientY.Pointer, GradientGate = Optional(gradientGate), GradientUp = Optional(gradientUp),
        };
        Workers.For(gate.Length, ElementsPerPiece / 4, job);
    }

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

    private struct Gate<TFunction> : IMap
        where TFunction : unmanaged, IActivation
    {
        public readonly T Apply<T>(T gate, T up)
            where T : unmanaged, ILanes<T> => TFunction.Value(gate) * up;
    }

    private struct GateBackwardJob<TFunction> : IRangeJob
        where TFunction : unmanaged, IActivation
    {
        public float* Gate;
        public float* Up;
        public float* GradientY;
        public float* GradientGate;
        public float* GradientUp;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long i = start;
            for (; i + TLanes.Count <= end; i += TLanes.Count) Step<TLanes>(i);
            for (; i < end; i++) Step<Lanes1>(i);
        }

        private readonly void Step<T>(long i)
            where T : unmanaged, ILanes<T>
        {
            T gate = T.Load(Gate + i), gradient = T.Load(GradientY + i);
            if (GradientGate != null)
                T.Store(T.MultiplyAdd(gradient * T.Load(Up + i), TFunction.Derivative(gate), T.Load(GradientGate + i)), GradientGate + i);
            if (GradientUp != null) T.Store(T.MultiplyAdd(gradient, TFunction.Value(gate), T.Load(GradientUp + i)), GradientUp + i);
        }
    }
}
