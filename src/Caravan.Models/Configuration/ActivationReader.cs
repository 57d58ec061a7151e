using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>Which function a feed-forward block uses, by transformers' names.</summary>
internal static class ActivationReader
{
    private static readonly Dictionary<string, ActivationFunction> Names = new(StringComparer.Ordinal)
    {
        ["silu"] = ActivationFunction.Silu,
        ["swish"] = ActivationFunction.Silu,
        ["gelu_new"] = ActivationFunction.GeluTanh,
        ["gelu_pytorch_tanh"] = ActivationFunction.GeluTanh,
        ["gelu_fast"] = ActivationFunction.GeluTanh,
        ["relu"] = ActivationFunction.Relu,
        ["gelu"] = ActivationFunction.Gelu,
        ["gelu_python"] = ActivationFunction.Gelu,
        ["quick_gelu"] = ActivationFunction.QuickGelu,
        ["relu2"] = ActivationFunction.ReluSquared,
        ["relu_squared"] = ActivationFunction.ReluSquared,
        ["tanh"] = ActivationFunction.Tanh,
    };

    /// <summary>The name that transformers gives a function.</summary>
    public static string NameOf(ActivationFunction function) => Names.First(pair => pair.Value == function).Key;

    /// <summary>The function under a key.</summary>
    public static ActivationFunction Read(ConfigReader config, string key, string absent) => Of(config, key, config.Text(key, absent));

    /// <summary>The function of a name that a key, or a part of its value, gives.</summary>
    public static ActivationFunction Of(ConfigReader config, string key, string name) =>
        Names.TryGetValue(name, out ActivationFunction function) ? function : throw config.Unsupported(key, name, [.. Names.Keys]);
}
