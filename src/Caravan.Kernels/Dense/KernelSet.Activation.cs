namespace Caravan.Kernels;

internal abstract partial class KernelSet
{
    /// <summary>y = f(x), element by element; y may be x.</summary>
    public abstract void Activation(ActivationFunction function, NativeSpan<float> x, NativeSpan<float> y);

    /// <summary>gradientX += gradientY·f′(x).</summary>
    public abstract void ActivationBackward(ActivationFunction function, NativeSpan<float> x, NativeSpan<float> gradientY, NativeSpan<float> gradientX);

    /// <summary>y = f(gate) · up, element by element (Shazeer 2020, "GLU Variants Improve Transformer", eq. 6).</summary>
    public abstract void GatedActivation(ActivationFunction function, NativeSpan<float> gate, NativeSpan<float> up, NativeSpan<float> y);

    /// <summary>
    /// gradientGate += gradientY·up·f′(gate) and gradientUp += gradientY·f(gate), or where it is said set to them; either may be empty. Where both are
    /// the same the gate's is set, if at all.
    /// </summary>
    public abstract void GatedActivationBackward(
        ActivationFunction function, NativeSpan<float> gate, NativeSpan<float> up, NativeSpan<float> gradientY,
        NativeSpan<float> gradientGate, NativeSpan<float> gradientUp, bool assignGate = false, bool assignUp = false);
}

internal sealed unsafe partial class KernelSet<TLanes>
{
    public override void Activation(ActivationFunction function, NativeSpan<float> x, NativeSpan<float> y) =>
        Use(function, new Plain { X = x, Y = y });

    public override void ActivationBackward(ActivationFunction function, NativeSpan<float> x, NativeSpan<float> gradientY, NativeSpan<float> gradientX) =>
        Use(function, new PlainBackward { X = x, GradientY = gradientY, GradientX = gradientX });

    public override void GatedActivation(ActivationFunction function, NativeSpan<float> gate, NativeSpan<float> up, NativeSpan<float> y) =>
        Use(function, new Gated { Gate = gate, Up = up, Y = y });

    public override void GatedActivationBackward(
        ActivationFunction function, NativeSpan<float> gate, NativeSpan<float> up, NativeSpan<float> gradientY,
        NativeSpan<float> gradientGate, NativeSpan<float> gradientUp, bool assignGate, bool assignUp) => Use(function, new GatedBackward
        {
            Gate = gate, Up = up, GradientY = gradientY, GradientGate = gradientGate, GradientUp = gradientUp, AssignGate = assignGate, AssignUp = assignUp,
        });

    /// <summary>The one place where a function's name becomes its code.</summary>
    private void Use<TUse>(ActivationFunction function, TUse use)
        where TUse : struct, IActivationUse
    {
        switch (function)
        {
            case ActivationFunction.Silu: use.Of<Silu>(this); break;
            case ActivationFunction.GeluTanh: use.Of<GeluTanh>(this); break;
            case ActivationFunction.Relu: use.Of<Relu>(this); break;
            case ActivationFunction.Gelu: use.Of<Gelu>(this); break;
            case ActivationFunction.QuickGelu: use.Of<QuickGelu>(this); break;
            case ActivationFunction.ReluSquared: use.Of<ReluSquared>(this); break;
            case ActivationFunction.Sigmoid: use.Of<Sigmoid>(this); break;
            case ActivationFunction.Tanh: use.Of<Tanh>(this); break;
            case ActivationFunction.Softplus: use.Of<Softplus>(this); break;
            case ActivationFunction.Exponential: use.Of<Exponential>(this); break;
            default: throw new ArgumentOutOfRangeException(nameof(function), function, null);
        }
    }

    /// <summary>Something that is done with an activation function.</summary>
    private interface IActivationUse
    {
        void Of<TFunction>(KernelSet<TLanes> kernels)
            where TFunction : unmanaged, IActivation;
    }

    private struct Plain : IActivationUse
    {
        public NativeSpan<float> X;
        public NativeSpan<float> Y;

        public readonly void Of<TFunction>(KernelSet<TLanes> kernels)
            where TFunction : unmanaged, IActivation =>
            kernels.Workers.For(Y.Length, ElementsPerPiece / 4, new MapJob<Value<TFunction>> { A = X.Pointer, B = X.Pointer, Y = Y.Pointer });
    }

    private struct PlainBackward : IActivationUse
    {
        public NativeSpan<float> X;
        public NativeSpan<float> GradientY;
        public NativeSpan<float> GradientX;

        public readonly void Of<TFunction>(KernelSet<TLanes> kernels)
            where TFunction : unmanaged, IActivation =>
            kernels.Workers.For(X.Length, ElementsPerPiece / 4, new BackwardJob<TFunction> { X = X.Pointer, GradientY = GradientY.Pointer, GradientX = GradientX.Pointer });
    }

    private struct Gated : IActivationUse
    {
        public NativeSpan<float> Gate;
        public NativeSpan<float> Up;
        public NativeSpan<float> Y;

        public readonly void Of<TFunction>(KernelSet<TLanes> kernels)
            where TFunction : unmanaged, IActivation =>
            kernels.Workers.For(Y.Length, ElementsPerPiece / 4, new MapJob<Gate<TFunction>> { A = Gate.Pointer, B = Up.Pointer, Y = Y.Pointer });
    }

    private struct GatedBackward : IActivationUse
    {
        public NativeSpan<float> Gate;
        public NativeSpan<float> Up;
        public NativeSpan<float> GradientY;
        public NativeSpan<float> GradientGate;
        public NativeSpan<float> GradientUp;
        public bool AssignGate;
        public bool AssignUp;

        public readonly void Of<TFunction>(KernelSet<TLanes> kernels)
            where TFunction : unmanaged, IActivation => kernels.Workers.For(Gate.Length, ElementsPerPiece / 4, new GateBackwardJob<TFunction>
            {
                Gate = Gate.Pointer, Up = Up.Pointer, GradientY = GradientY.Pointer, GradientGate = Optional(GradientGate), GradientUp = Optional(GradientUp),
                AssignGate = AssignGate, AssignUp = AssignUp,
            });
    }

    private struct Value<TFunction> : IMap
        where TFunction : unmanaged, IActivation
    {
        public readonly T Apply<T>(T a, T b)
            where T : unmanaged, ILanes<T> => TFunction.Value(a);
    }

    private struct Gate<TFunction> : IMap
        where TFunction : unmanaged, IActivation
    {
        public readonly T Apply<T>(T gate, T up)
            where T : unmanaged, ILanes<T> => TFunction.Value(gate) * up;
    }

    private struct BackwardJob<TFunction> : IRangeJob
        where TFunction : unmanaged, IActivation
    {
        public float* X;
        public float* GradientY;
        public float* GradientX;

        public readonly void Execute(long start, long end, float* scratch)
        {
            long i = start;
            for (; i + TLanes.Count <= end; i += TLanes.Count) Step<TLanes>(i);
            for (; i < end; i++) Step<Lanes1>(i);
        }

        private readonly void Step<T>(long i)
            where T : unmanaged, ILanes<T> =>
            T.Store(T.MultiplyAdd(T.Load(GradientY + i), TFunction.Derivative(T.Load(X + i)), T.Load(GradientX + i)), GradientX + i);
    }

    private struct GateBackwardJob<TFunction> : IRangeJob
        where TFunction : unmanaged, IActivation
    {
        public float* Gate;
        public float* Up;
        public float* GradientY;
        public float* GradientGate;
        public float* GradientUp;
        public bool AssignGate;
        public bool AssignUp;

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
                T.Store(T.MultiplyAdd(gradient * T.Load(Up + i), TFunction.Derivative(gate), Before<T>(GradientGate + i, AssignGate)), GradientGate + i);
            if (GradientUp != null) T.Store(T.MultiplyAdd(gradient, TFunction.Value(gate), Before<T>(GradientUp + i, AssignUp)), GradientUp + i);
        }

        private static T Before<T>(float* gradient, bool assign)
            where T : unmanaged, ILanes<T> => assign ? T.Broadcast(0) : T.Load(gradient);
    }
}
