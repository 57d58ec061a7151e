namespace Caravan.Weights;

/// <summary>What a conversion can write.</summary>
public enum ConvertFormat
{
    /// <summary>One GGUF file, as llama.cpp reads it.</summary>
    Gguf,

    /// <summary>A Hugging Face folder, as transformers reads it: <c>config.json</c>, safetensors, tokenizer files.</summary>
    Safetensors,
}
