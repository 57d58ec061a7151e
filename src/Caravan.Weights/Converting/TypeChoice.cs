using Caravan.Kernels;
using Caravan.Models;

namespace Caravan.Weights;

/// <summary>Chooses each tensor's type and remembers where it could not be the one that was asked for.</summary>
internal sealed class TypeChoice(QuantizationMix? requested, MixModel model, ConvertFormat format, string sourcePath)
{
    private readonly OrderedDictionary<(DType Wanted, DType Given, long Columns), List<string>> fallbacks = [];

    /// <summary>What happened, in sentences.</summary>
    public IEnumerable<string> Notes => fallbacks.Select(pair =>
        $"{pair.Value.Count} tensor{(pair.Value.Count == 1 ? " is" : "s are")} {pair.Key.Given} instead of {pair.Key.Wanted}, "
        + (pair.Key.Wanted.IsQuantized() ? $"whose blocks of {pair.Key.Wanted.BlockElements()} rows of {pair.Key.Columns} do not fill" : "which llama.cpp cannot compute with")
        + $" ({string.Join(", ", pair.Value.Take(3))}{(pair.Value.Count > 3 ? ", …" : "")}).");

    /// <summary>The type of a tensor in the target.</summary>
    /// <param name="tensor">The source's tensor.</param>
    /// <param name="name">Its name in the target.</param>
    /// <param name="canonical">Its name among the model's weights.</param>
    /// <param name="turned">Whether the target keeps it as [inputs, outputs].</param>
    /// <exception cref="CaravanException">The target's format cannot hold the tensor's own type.</exception>
    public DType Of(WeightSource tensor, string name, string canonical, bool turned = false)
    {
        DType wanted = Wanted(tensor, canonical);
        if (format == ConvertFormat.Gguf && wanted == DType.NF4)
            throw new CaravanException($"'{sourcePath}': tensor '{tensor.Tensor.Name}' is NF4, which GGUF does not have; say which type it should become, such as q4_k (--type).");
        if (format == ConvertFormat.Safetensors)
        {
            if (wanted == DType.NF4) return IsLinear(tensor, canonical) && !turned ? wanted : tensor.DType.IsQuantized() ? DType.F32 : tensor.DType;
            if (!wanted.IsQuantized()) return wanted;
            throw new CaravanException(
                $"'{sourcePath}': tensor '{tensor.Tensor.Name}' is {wanted}, for which safetensors has no type; "
                + $"say which type it should become: {string.Join(", ", WeightTypes.Safetensors.Select(WeightTypes.NameOf))}.");
        }

        // llama.cpp multiplies by norms and adds biases in F32 only, and leaves routers and recurrences exact.
        if (tensor.Shape.Length < 2 || model.RoleOf(canonical).Role is TensorRole.Router or TensorRole.Recurrence) return DType.F32;
        DType given = wanted == DType.F64 ? DType.F32 : Filling(wanted, tensor.Shape[^1]);
        if (given == wanted) return given;
        (DType, DType, long) key = (wanted, given, tensor.Shape[^1]);
        if (!fallbacks.TryGetValue(key, out List<string>? names)) fallbacks.Add(key, names = []);
        names.Add(name);
        return given;
    }

    /// <summary>As bitsandbytes has it: matrices of layers, not embedding and head.</summary>
    private static bool IsLinear(WeightSource tensor, string canonical) =>
        tensor.Shape.Length == 2 && tensor.Shape[1] % DType.NF4.BlockElements() == 0 && WeightName.Parse(canonical).Layer is not null;

    private DType Wanted(WeightSource tensor, string canonical)
    {
        if (requested is null) return tensor.DType;
        (TensorRole role, int layer) = model.RoleOf(canonical);
        return requested.TypeOf(role, layer, model);
    }

    /// <summary>
    /// The type, or what llama.cpp's quantizer takes instead when rows do not fill its blocks: for 256 a type of 32 with about as many bits, else F16.
    /// </summary>
    private static DType Filling(DType wanted, long columns)
    {
        if (columns % wanted.BlockElements() == 0) return wanted;
        DType smaller = wanted switch
        {
            DType.IQ4_XS => DType.IQ4_NL,
            DType.Q2_K or DType.Q3_K => DType.Q4_0,
            DType.Q4_K => DType.Q5_0,
            DType.Q5_K => DType.Q5_1,
            DType.Q6_K => DType.Q8_0,
            _ => DType.F16,
        };
        return columns % smaller.BlockElements() == 0 ? smaller : DType.F16;
    }
}
