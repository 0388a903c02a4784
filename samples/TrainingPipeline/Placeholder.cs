namespace TrainingPipeline; internal static class Placeholder { }
