using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>
/// Weights before anything is learnt: matrices are normally distributed around 0, those that end a branch of the residual stream with a deviation
/// divided by √(2 · layers) (Radford et al. 2019, "Language models are unsupervised multitask learners", section 2.3), norms are 1 and biases 0.
/// </summary>
/// <param name="deviation">Standard deviation of matrices; 0.02 by custom.</param>
/// <param name="seed">Where chance begins: each weight's numbers depend on it and on the weight's name.</param>
internal sealed class StartingWeights(double deviation, ulong seed)
{
    private static readonly string[] BranchEnds = [".attention.output.weight", ".cross_attention.output.weight", ".feed_forward.down.weight", ".down.weight"];

    /// <summary>How many layers the model has; known before its weights are made.</summary>
    public int Layers { get; set; } = 1;

    /// <summary>A matrix or table.</summary>
    public Tensor Matrix(string name, Shape shape)
    {
        Tensor tensor = Tensor.Allocate(shape, name: name);
        bool ends = BranchEnds.Any(end => name.EndsWith(end, StringComparison.Ordinal));
        FillNormal(tensor.Floats.AsSpan(), ends ? deviation / Math.Sqrt(2.0 * Layers) : deviation, NameSeed(name));
        return tensor;
    }

    /// <summary>A vector: 1 for norms, 0 for biases.</summary>
    /// <exception cref="CaravanException">It is neither.</exception>
    public static Tensor Vector(string name, long length)
    {
        bool norm = name.Contains("norm", StringComparison.Ordinal) && name.EndsWith(".weight", StringComparison.Ordinal);
        if (!norm && !name.EndsWith("bias", StringComparison.Ordinal)) throw Unknown(name);
        Tensor tensor = Tensor.Allocate(new Shape(length), name: name);
        if (norm) tensor.Floats.AsSpan().Fill(1);
        return tensor;
    }

    /// <summary>What stands in for weights whose starting values depend on the family.</summary>
    public static CaravanException Unknown(string name) => new(
        $"Training from random weights knows how matrices, norms and biases begin, and not '{name}'; begin from a checkpoint of the family.");

    /// <summary>Box and Muller 1958, "A Note on the Generation of Random Normal Deviates".</summary>
    private static void FillNormal(Span<float> values, double deviation, ulong seed)
    {
        for (int i = 0; i < values.Length; i += 2)
        {
            double radius = deviation * Math.Sqrt(-2 * Math.Log(1 - Uniform(ref seed)));
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * Uniform(ref seed));
            values[i] = (float)(radius * cosine);
            if (i + 1 < values.Length) values[i + 1] = (float)(radius * sine);
        }
    }

    /// <summary>SplitMix64 (Steele et al. 2014), in [0, 1).</summary>
    private static double Uniform(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        ulong mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>FNV-1a over the seed and the name.</summary>
    private ulong NameSeed(string name)
    {
        ulong hash = 0xCBF29CE484222325 ^ seed;
        foreach (char letter in name) hash = (hash ^ letter) * 0x100000001B3;
        return hash;
    }
}
