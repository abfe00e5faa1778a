DROP TABLE profile_documents;
