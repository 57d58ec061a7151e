namespace Caravan.Models;

/// <summary>What files call the tensors of a low-rank adapter.</summary>
/// <param name="Down">A.</param>
/// <param name="Up">B.</param>
/// <param name="Gate">The gate; null for adapters without.</param>
internal sealed record LoraNames(string Down, string Up, string? Gate = null)
{
    /// <summary>PEFT's for LoRA.</summary>
    public static LoraNames Lora { get; } = new("lora_A.weight", "lora_B.weight");

    /// <summary>PEFT's for AdaLoRA: Q, P and Λ.</summary>
    public static LoraNames AdaLora { get; } = new("lora_A", "lora_B", "lora_E");

    /// <summary>Caravan's for SoRA, which PEFT does not have.</summary>
    public static LoraNames Sora { get; } = new("lora_A.weight", "lora_B.weight", "lora_gate");
}
