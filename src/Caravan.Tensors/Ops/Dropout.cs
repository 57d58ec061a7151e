using Caravan.Kernels;

namespace Caravan.Tensors.Ops;

/// <summary>
/// Elements left out at random while training (Srivastava et al. 2014); the others are scaled up, so that nothing changes on average. Which ones is a
/// function of <see cref="Pass.Seed"/>, a number and the place: computed again, the same.
/// </summary>
internal static class Dropout
{
    /// <summary>y = x · kept / (1 − rate), where kept is 0 with probability rate and else 1. It is the caller's to leave nothing out where nothing is learnt.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="x">[N, D] F32.</param>
    /// <param name="rate">In [0, 1); 0 gives back x itself.</param>
    /// <param name="stream">What tells this place in the model from others.</param>
    /// <returns>[N, D] F32. Gradient: dx = dy · kept / (1 − rate).</returns>
    public static Tensor Forward(Pass pass, Tensor x, float rate, ulong stream)
    {
        ShapeGuard.Require(rate is >= 0 and < 1, $"Dropout: {rate} is no part of {x} that can be left out.");
        if (rate == 0) return x;
        ulong seed = Noise.Mix(pass.Seed, stream);
        Tensor y = pass.Result(x.Shape, x);
        pass.Kernels.Dropout(x.Floats, rate, seed, accumulate: false, y.Floats);
        if (y.RequiresGradient) pass.Tape!.Record<DropoutStep>().Set(x, rate, seed, y);
        return y;
    }
}

file sealed class DropoutStep : TapeStep
{
    private Tensor x = null!, y = null!;
    private float rate;
    private ulong seed;

    public void Set(Tensor x, float rate, ulong seed, Tensor y) => (this.x, this.rate, this.seed, this.y) = (x, rate, seed, y);

    public override void Backward(Pass pass)
    {
        NativeSpan<float> gradient = pass.GradientOf(x);
        if (gradient.Length > 0) pass.Kernels.Dropout(pass.GradientOf(y), rate, seed, accumulate: true, gradient);
    }
}
