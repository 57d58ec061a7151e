using System.Text.Json.Serialization;

namespace Caravan.Server;

/// <summary>How answers are written; the code for it is made at build.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, GenerationMode = JsonSourceGenerationMode.Default)]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatChunk))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(EmbeddingList))]
[JsonSerializable(typeof(RerankAnswer))]
[JsonSerializable(typeof(TokenizeAnswer))]
[JsonSerializable(typeof(DetokenizeAnswer))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ServerStatus))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(OllamaError))]
[JsonSerializable(typeof(OllamaAnswer))]
[JsonSerializable(typeof(OllamaModelList))]
[JsonSerializable(typeof(OllamaRunningList))]
[JsonSerializable(typeof(OllamaModelPage))]
[JsonSerializable(typeof(OllamaEmbeddings))]
[JsonSerializable(typeof(OllamaEmbedding))]
[JsonSerializable(typeof(OllamaVersion))]
internal sealed partial class ServerJson : JsonSerializerContext;
